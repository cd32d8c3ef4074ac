import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { Uuid } from './uuid.ts'

const text = '550e8400-e29b-41d4-a716-446655440000'

test.each([text, text.toUpperCase(), text.replaceAll('-', ''), `{${text}}`, `urn:uuid:${text}`])(
  '%s is one UUID in its many forms',
  (form) => {
    const uuid = new Uuid(form)
    expect(uuid).toEqual(new Uuid(text))
    expect(`${uuid} ${JSON.stringify(uuid)}`).toBe(`${text} "${text}"`)
    expect(uuid.hex).toBe('550e8400e29b41d4a716446655440000')
    expect(Object.isFrozen(uuid)).toBe(true)
  },
)

test.each(['', 'x', text.slice(1), `${text}0`, text.replace('5', 'g')])('%j is refused', (form) => {
  expect(() => new Uuid(form)).toThrow(DecodeError)
})
