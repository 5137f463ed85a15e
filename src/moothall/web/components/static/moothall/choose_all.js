// A box above a table of boxes that chooses them all. Without scripts each is chosen by itself.
document.querySelectorAll('form[data-choose-all]').forEach((form) => {
  const boxes = () => [...form.querySelectorAll('tbody input[type=checkbox]')]
  const item = document.createElement('div')
  item.className = 'govuk-checkboxes govuk-checkboxes--small govuk-!-margin-bottom-3'
  item.innerHTML = '<div class="govuk-checkboxes__item"><input class="govuk-checkboxes__input" type="checkbox" id="choose-all"><label class="govuk-label govuk-checkboxes__label" for="choose-all"></label></div>'
  const [all, label] = item.firstChild.children
  label.textContent = form.dataset.chooseAll
  form.prepend(item)
  all.addEventListener('change', () => boxes().forEach((box) => { box.checked = all.checked }))
  form.addEventListener('change', () => { all.checked = boxes().every((box) => box.checked) })
})
