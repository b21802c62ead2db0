/**
 * Settings of code that runs in a process of its own are validated there, by a call within the limits of every
 * call: before anything is written, as a transaction does not wait for a plugin.
 */
import { z } from 'zod';
import { Refusal, type ErrorCode } from '../../contract/errors';
import { CallFailed } from './call';
import { breakerThatStaysClosed } from './circuit-breaker';
import { applyChange, type Effective, type Layers, type Proposal } from './effective';
import { isConfigured } from './form';
import { runPlugin, type HostParts, type Preparer } from './prepare';
import type { PluginEntry } from './registry';
import type { Layer } from './settings';

const keysSchema = z.array(z.string().max(200)).max(200);

function unjudged(reason: string, cause?: unknown): Refusal {
	return new Refusal('plugin/settings-unjudged', { params: { reason }, detail: reason, cause });
}

/**
 * Only settings that would be in force are validated: others may be incomplete, and code that is not approved is
 * not called.
 */
const isAsked = (
	{ external, judge, manifest }: PluginEntry,
	{ values, enabled }: Proposal['change'],
): boolean =>
	judge !== undefined &&
	external?.state === 'approved' &&
	manifest.config.length > 0 &&
	(values !== undefined || enabled === true);

export function createJudgeElsewhere(parts: HostParts, preparer: Pick<Preparer, 'proposed'>) {
	async function ask(entry: PluginEntry, layers: Layers): Promise<Record<string, ErrorCode>> {
		const prepared = preparer.proposed(entry, layers, 'en');
		if (!prepared.effective.enabled || !isConfigured(prepared.effective)) return {};
		const keys = await runPlugin(
			parts,
			{ ...prepared, breaker: breakerThatStaysClosed(parts.clock) },
			{
				name: `${entry.manifest.id}.config`,
				run: (_, context) => entry.judge?.(context),
				schema: keysSchema,
			},
		);
		return Object.fromEntries(keys.map((key) => [key, 'input/invalid']));
	}

	/** A plugin that fails here does not stop the apply file: its later calls will report the fault. */
	async function faultsOf(entry: PluginEntry, layers: Layers, trusted = false) {
		try {
			return await ask(entry, layers);
		} catch (error) {
			if (!(error instanceof CallFailed)) throw error;
			if (!trusted) throw unjudged(error.failure.message, error);
			parts.log.warn({ plugin: entry.manifest.id, detail: error.message }, 'settings were not judged');
			return {};
		}
	}

	/**
	 * The proposal with the faults that the plugin's own code finds; unchanged where it finds none.
	 * @throws {Refusal} `plugin/config-invalid`; `plugin/settings-unjudged` when it hangs, throws or answers nonsense
	 */
	return async (entry: PluginEntry, proposal: Proposal, own: Layer): Promise<Proposal> => {
		const { change, appliance } = proposal;
		if (!isAsked(entry, change)) return proposal;
		const faults = await faultsOf(entry, { own: applyChange(own, proposal), appliance }, change.trusted);
		const judge = (effective: Effective) => {
			if (effective.version !== `${own.version}|${appliance?.version ?? ''}`)
				throw unjudged('they were changed meanwhile');
			return { ...proposal.judge(effective), ...faults };
		};
		return { ...proposal, judge };
	};
}
