import { testTransport } from '@dashi/conformance'
import { describe, expect, test } from 'vitest'
import { shelf } from './shelf.ts'

const transport = shelf()

testTransport({ describe, test, expect }, { name: 'shelf', create: () => transport, only: 'core' })
