"""What belongs to a case among documents, messages and payments, which themselves know nothing of cases."""

from django.db import models

from moothall.domain.cases.models.case import Case
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.payments.models import Payment


class CaseDocument(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="document_links")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="case_link")


class CaseMessage(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="message_links")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="case_link")


class CasePayment(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="payment_links")
    payment = models.OneToOneField(Payment, on_delete=models.CASCADE, related_name="case_link")
