/** Acme on this machine. */
import { approvePage, startVendor, type EmulatedCall, type Emulator } from '@menshen/plugin-kit/emulator';

const client = { clientId: 'menshen', clientSecret: 'canary-acme-secret' };

function who({ form }: EmulatedCall): Response {
	if (form.get('clientSecret') !== client.clientSecret) return Response.json({ error: 'bad_client' });
	if (form.get('code') !== 'mei-code' && !form.get('ticket')?.startsWith('mei-ticket'))
		return Response.json({ error: 'bad_code' });
	return Response.json({ id: 'acme-7', name: 'Mei' });
}

function authorize({ url }: EmulatedCall): Response {
	const back = (answer: Record<string, string>) => {
		const to = new URL(url.searchParams.get('redirectUri') ?? '');
		to.search = new URLSearchParams({ ...answer, state: url.searchParams.get('state') ?? '' }).toString();
		return to;
	};
	return approvePage(
		'Acme',
		[{ name: 'Mei', approved: back({ code: 'mei-code' }) }],
		back({ error: 'cancelled' }),
	);
}

export const startEmulator = (port = 0): Promise<Emulator> =>
	startVendor(
		{
			routes: { 'POST /who': who, 'GET /authorize': authorize },
			pages: ['GET /authorize'],
			failures: {
				'bad code': { answer: () => Response.json({ error: 'bad_code' }) },
				'bad client': { answer: () => Response.json({ error: 'bad_client' }) },
			},
			endpoints: { server: '/' },
			config: client,
		},
		port,
	);
