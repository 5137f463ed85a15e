// Builds what pages load: one style sheet from Sass, and the scripts of GOV.UK and MOJ Frontend, htmx and Leaflet. `npm run build` calls it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const components = join(root, 'src', 'moothall', 'web', 'components')
const modules = join(root, 'node_modules')
const moj = join(modules, '@ministryofjustice', 'frontend', 'moj')
const leaflet = join(modules, 'leaflet', 'dist')
const build = join(components, 'static', 'moothall', 'build')

// The maps of the published scripts are not copied, so nothing may point to them.
const withoutMap = (script) => script.replace(/^\/\/# sourceMappingURL=.*$/m, '')

rmSync(build, { recursive: true, force: true })
mkdirSync(join(build, 'images'), { recursive: true })
const { css } = sass.compile(join(components, 'styles', 'moothall.scss'), {
  loadPaths: [root, modules],
  logger: sass.Logger.silent, // what MOJ Frontend uses of GOV.UK Frontend is partly deprecated
  style: 'compressed'
})
writeFileSync(join(build, 'moothall.css'), css)
for (const [name, from] of [
  ['govuk-frontend.min.js', join(modules, 'govuk-frontend', 'dist', 'govuk')],
  ['moj-frontend.min.js', moj],
  ['htmx.min.js', join(modules, 'htmx.org', 'dist')],
  ['leaflet.js', leaflet]
]) {
  writeFileSync(join(build, name), withoutMap(readFileSync(join(from, name), 'utf8')))
}
for (const image of readdirSync(join(moj, 'assets', 'images')).filter((name) => name.startsWith('icon-'))) {
  copyFileSync(join(moj, 'assets', 'images', image), join(build, 'images', image))
}
// Only pages with a map load these; its style sheet names pictures of controls and pins.
copyFileSync(join(leaflet, 'leaflet.css'), join(build, 'leaflet.css'))
for (const image of readdirSync(join(leaflet, 'images'))) {
  copyFileSync(join(leaflet, 'images', image), join(build, 'images', image))
}
