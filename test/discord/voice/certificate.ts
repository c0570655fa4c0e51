import { generate } from 'selfsigned';

/** A certificate for loopback, made for one run; it is its own authority. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export async function makeCertificate(): Promise<Certificate> {
  const { cert, private: key } = await generate(
    [{ name: 'commonName', value: 'Discord voice on loopback' }],
    {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + 86_400_000),
      extensions: [
        { name: 'basicConstraints', cA: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 7, ip: '127.0.0.1' },
            { type: 2, value: 'localhost' },
          ],
        },
      ],
    },
  );
  return { cert, key };
}
