/** MENSHEN_APPLY: the file is applied at each start; one that cannot be applied stops the start. */
import { readFileSync } from 'node:fs';
import { Refusal } from '../../../contract/errors';
import { StartRefused } from '../../config/environment';
import type { ApplianceServices, Visitor } from '../services';
import { applyConfig } from './apply-config';

const visitor: Visitor = { address: '127.0.0.1', device: 'menshen apply', locale: 'en', requestId: 'apply' };

function readFile(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw new StartRefused(`MENSHEN_APPLY names ${path}, which cannot be read.`, { cause: error });
	}
}

/** @throws StartRefused with one line that names the place in the file */
export async function applyAtStart(services: ApplianceServices, path: string): Promise<void> {
	const text = readFile(path);
	try {
		const { changes, items } = await applyConfig(
			services,
			{ text, actor: { kind: 'system', id: 'apply' } },
			visitor,
		);
		services.log.info({ file: path, objects: items.length, changes }, 'configuration applied');
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new StartRefused(`MENSHEN_APPLY (${path}): ${String(error.params['reason'] ?? error.code)}`, {
			cause: error,
		});
	}
}
