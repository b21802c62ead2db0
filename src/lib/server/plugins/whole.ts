/** The plugin's own schema checks what a manifest cannot express: either of two accounts, both halves of a pair. */
import type { ConfigReading, ConfigValues, Plugin } from '../../plugin-kit';
import type { PluginEntry } from './registry';

type WholeProblems = ConfigReading['problems'];

export function wholeProblems(plugin: Plugin | undefined, values: ConfigValues): WholeProblems {
	const result = plugin?.config?.safeParse(values);
	if (!result || result.success) return {};
	return Object.fromEntries(
		result.error.issues.map((issue) => [String(issue.path[0] ?? ''), 'invalid'] as const),
	);
}

/** Code that cannot be loaded validates nothing; a call of it reports the fault. */
export const loadToJudge = (entry: PluginEntry): Promise<Plugin | undefined> =>
	entry.load().catch(() => undefined);

/** Validates each version of a plugin's settings once. */
export function createWholeJudge() {
	const known = new Map<string, { version: string; problems: WholeProblems }>();
	return async (
		entry: PluginEntry,
		{ version, values }: { version: string; values: ConfigValues },
	): Promise<WholeProblems> => {
		const { id } = entry.manifest;
		const remembered = known.get(id);
		if (remembered?.version === version) return remembered.problems;
		const plugin = await loadToJudge(entry);
		const problems = wholeProblems(plugin, values);
		if (plugin) known.set(id, { version, problems });
		return problems;
	};
}
