/** A certificate of its own authority, for a test. */
import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Files, in PEM, in a new temporary folder. */
export interface CertificateFiles {
  readonly key: string
  readonly cert: string
}

/** Makes one that is right for one host, for two days. */
export async function certificateFor(host: string): Promise<CertificateFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'dashi-certificate-'))
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  const kind = ['-x509', '-nodes', '-days', '2', '-newkey', 'rsa:2048']
  await run('openssl', ['req', ...kind, ...subject, '-keyout', files.key, '-out', files.cert])
  return files
}
