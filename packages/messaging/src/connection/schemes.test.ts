import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../errors.ts'
import { transportOf } from './schemes.ts'

test('memory needs no package', async () => {
  const transport = await transportOf('memory://', {})
  expect(transport.name).toBe('memory')
})

test('a scheme that nobody speaks is refused, with those that are spoken', async () => {
  const wrong = transportOf('carrier-pigeon://host', {})
  await expect(wrong).rejects.toThrow(ConfigurationError)
  await expect(wrong).rejects.toThrow(/carrier-pigeon.*redis/)
  await expect(wrong).rejects.toMatchObject({ code: 'UNKNOWN_SCHEME' })
})

test('a package that is not installed is named, with what to do', async () => {
  // In a process in which it cannot be found: here it always can.
  const program = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(specifier, context, next) {
        if (!specifier.startsWith('@dashi/redis')) return next(specifier, context)
        throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
      },
    })
    const { transportOf } = await import(${JSON.stringify(new URL('./schemes.ts', import.meta.url).href)})
    await transportOf('rediss://host', {}).catch((error) => console.log(JSON.stringify({ code: error.code, message: error.message })))
  `
  const args = ['--conditions=@dashi/source', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(JSON.parse(stdout)).toEqual({
    code: 'MISSING_PACKAGE',
    message: expect.stringMatching(/rediss:.*npm install @dashi\/redis/),
  })
})
