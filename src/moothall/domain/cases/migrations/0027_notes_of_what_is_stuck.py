"""What is stuck is found by the notes that say so, which are few among all."""

from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0026_line_marks_filled")]
    operations = [
        AddIndexBeside(
            "note",
            models.Index(
                fields=["case"],
                name="note_stuck",
                condition=models.Q(important=True, text__contains="could not go on by itself."),
            ),
        )
    ]
