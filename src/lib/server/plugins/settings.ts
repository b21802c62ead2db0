/**
 * What operators set: one row a plugin in the app's database and in the control database. All values of a plugin
 * are sealed together. Every call reads them as stored now, so that a change takes effect at once, in every
 * process; unsealed values are cached as long as the sealed text stays the same.
 */
import { z } from 'zod';
import { remembered } from '../runtime/remembered';
import type { PluginRow } from '../storage/shared/plugins';
import type { AlsoWritten, PluginScope } from './app-plugins';

const contentSchema = z.object({
	values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
	/** Fields whose value the environment or the apply file gave. */
	trusted: z.array(z.string()),
});

/** The settings of one plugin in one scope. */
export interface Layer {
	readonly enabled: boolean | undefined;
	readonly position: number;
	readonly values: Readonly<Record<string, string | number | boolean>>;
	readonly trusted: readonly string[];
	/** Changes whenever the values do. */
	readonly version: string;
	/** The row cannot be unsealed: the plugin cannot be used until it is set up again. */
	readonly damaged: boolean;
}

export const emptyLayer: Layer = {
	enabled: undefined,
	position: 0,
	values: {},
	trusted: [],
	version: '',
	damaged: false,
};

export interface Settings {
	/** By plugin id; plugins without settings are absent. */
	read(): Promise<ReadonlyMap<string, Layer>>;
	/** All of them in one transaction, and `also` with them. */
	update(changes: readonly LayerChange[], by: { now: number; also?: AlsoWritten | undefined }): Promise<void>;
}

export interface LayerChange {
	id: string;
	/** Turns the stored layer into the new one, inside the transaction; an unchanged one is not written. */
	change: (layer: Layer) => Layer;
}

const contextOf = (id: string) => `plugin:${id}`;

export function createSettings({ store, vault }: PluginScope): Settings {
	const opened = new Map<string, Layer>();

	function open(row: PluginRow): z.output<typeof contentSchema> | undefined {
		if (!row.config) return { values: {}, trusted: [] };
		try {
			return contentSchema.parse(JSON.parse(vault.open(row.config, contextOf(row.id))));
		} catch {
			return undefined;
		}
	}

	function layerOf(row: PluginRow): Layer {
		const known = opened.get(row.id);
		if (known?.version === row.config && known.enabled === row.enabled && known.position === row.position)
			return known;
		const content = open(row);
		const layer: Layer = {
			enabled: row.enabled,
			position: row.position,
			values: content?.values ?? {},
			trusted: content?.trusted ?? [],
			version: row.config,
			damaged: !content,
		};
		opened.set(row.id, layer);
		return layer;
	}

	function rowOf(id: string, { values, trusted, enabled = false, position }: Layer): PluginRow {
		const content = JSON.stringify({ values, trusted });
		const config = Object.keys(values).length > 0 ? vault.seal(content, contextOf(id)) : '';
		return { id, enabled, config, position };
	}

	const layersOf = (rows: readonly PluginRow[]) => new Map(rows.map((row) => [row.id, layerOf(row)]));

	return {
		read: remembered(store, async () => layersOf(await store.read.plugins.list())),
		update: (changes, { now, also }) =>
			store.write(async (tx) => {
				// Unchanged values are written back as they were read: they must not change in between.
				await tx.plugins.hold();
				const rows = new Map((await tx.plugins.list()).map((row) => [row.id, row]));
				for (const { id, change } of changes) {
					const row = rows.get(id);
					const layer = row ? layerOf(row) : emptyLayer;
					const next = change(layer);
					if (next !== layer) await tx.plugins.save(rowOf(id, next), now);
				}
				await also?.(tx);
			}),
	};
}
