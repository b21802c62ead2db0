/**
 * Space set aside beside the database files, so that users can sign in even when the disk is full: writes that make
 * the data grow (new accounts, uploads) are refused first, and this space is released for the other writes. It is
 * set aside again once there is room; no restart is needed.
 */
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../../contract/errors';

/** Bytes set aside, on a disk large enough for it; on a smaller one an eighth of it. */
const fullSize = 8 * 1024 * 1024;
/** Bytes that growth leaves free beside the reserve. */
const margin = fullSize / 16;
/** How long a measurement of the free space is used, milliseconds. */
const believed = 500;

export interface Reserve {
	/** Called before a write that makes the data grow. @throws Refusal storage/full when only the reserve is left */
	admitGrowth(): void;
	/**
	 * Called after the engine reported a full disk. @returns whether space was given back, so that trying again may
	 * help
	 */
	giveBack(): boolean;
}

/** Of a disk, bytes. */
export interface Space {
	total: number;
	free: number;
}

export function createReserve(folder: string, measure: () => Space = () => spaceOf(folder)): Reserve {
	const file = join(folder, 'reserve');
	let looked = { at: -Infinity, tight: false };
	let givenAt = -Infinity;

	const heldBytes = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
	const setAside = (size: number) => {
		try {
			writeFileSync(file, Buffer.alloc(size), { mode: 0o600 });
		} catch {
			rmSync(file, { force: true });
		}
	};
	const look = (): boolean => {
		const { total, free } = measure();
		const size = Math.min(fullSize, Math.floor(total / 8));
		// What was given back is free now and is not for growth: there is room once all of it can be set aside again.
		const missing = Math.max(0, size - heldBytes());
		const tight = free < margin + missing;
		if (!tight && missing > 0) setAside(size);
		return tight;
	};
	return {
		admitGrowth() {
			const now = performance.now();
			if (now - looked.at > believed) looked = { at: now, tight: look() };
			if (looked.tight) throw new Refusal('storage/full', { detail: 'only the reserve is left' });
		},
		giveBack() {
			const now = performance.now();
			looked = { at: now, tight: true };
			if (heldBytes() > 0) {
				rmSync(file, { force: true });
				givenAt = now;
			}
			return now - givenAt < 5000;
		},
	};
}

function spaceOf(folder: string): Space {
	const { blocks, bavail, bsize } = statfsSync(folder);
	return { total: blocks * bsize, free: bavail * bsize };
}
