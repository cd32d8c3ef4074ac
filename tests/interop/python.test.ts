import { expect, test } from 'vitest'
import { findPython, kombuReleases, pythonVariables } from './python.ts'

test('findPython() gives the interpreter that the variable names', () => {
  for (const release of kombuReleases) {
    const environment = { [pythonVariables[release]]: process.execPath }
    expect(findPython(release, environment)).toEqual({ path: process.execPath })
  }
})

test('findPython() says what is missing and where to get it', () => {
  expect(findPython('kombu56', {}).reason).toMatch(/DASHI_TEST_PYTHON_56.*npm run brokers/)
  expect(findPython('kombu52', { DASHI_TEST_PYTHON_52: '' }).reason).toContain('is not set')
  expect(findPython('kombu52', { DASHI_TEST_PYTHON_52: '/no/python' }).reason).toContain(
    '/no/python, which does not exist',
  )
})
