import { expect, test } from 'vitest'
import { findPython } from '../tests/interop/python.ts'
import { installedKombu, kombuErrors } from './check-kombu.ts'

test('every public name of the installed Kombu is answered on the page', ({ skip }) => {
  const python = findPython('kombu56').path ?? skip(findPython('kombu56').reason)
  const kombu = installedKombu(python)
  expect(kombu.version).toMatch(/^5\.6\./)
  // So that an empty answer is not taken for a complete page.
  expect(kombu.names.length).toBeGreaterThan(1_000)
  for (const name of ['Connection', 'common.maybe_declare', 'entity.Queue(durable)'])
    expect(kombu.names).toContain(name)
  expect(kombuErrors(process.cwd(), kombu)).toEqual([])
})
