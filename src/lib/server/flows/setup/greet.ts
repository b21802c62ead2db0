import type { ApplianceServices } from '../services';
import { prepareSetup } from './claim-appliance';

/** The first lines an operator sees. The set-up code goes to the terminal only, never to the log. */
export async function greet(
	services: ApplianceServices,
	{ address, database }: { address: string; database: 'sqlite' | 'postgres' },
): Promise<void> {
	const { origin, log } = services;
	log.info({ address, origin, database }, 'Menshen is ready');
	const code = await prepareSetup(services);
	if (code)
		process.stdout.write(
			`\n  Menshen is ready. Set it up at\n\n    ${origin}/setup?code=${code}\n\n  Set-up code: ${code}\n\n`,
		);
}
