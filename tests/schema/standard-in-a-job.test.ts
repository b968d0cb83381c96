/** Schemas of zod and valibot in a whole job, on both engines: refinements, transforms, nulls, and rejects. */
import * as v from 'valibot'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { collectRows, fromArray, job, ndjsonFiles, nullable, run, schema } from '../../src/index.ts'
import type { SchemaLike } from '../../src/schema/literal.ts'
