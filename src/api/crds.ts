import { appSchema } from './app.ts';
import { crd, type PrinterColumn } from './crd.ts';
import { machineSchema } from './machine.ts';
import { scheduleSchema } from './schedule.ts';
import { secretSchema } from './secret.ts';
import { structuralSchema } from './structural.ts';

const condition = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`;

const ready = (description: string): PrinterColumn[] => [
  { name: 'Ready', type: 'string', jsonPath: condition('Ready', 'status'), description },
  { name: 'Reason', type: 'string', jsonPath: condition('Ready', 'reason'), description: 'Why it is ready or not' },
];

const ageAndMessage: PrinterColumn[] = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since it was created' },
  {
    name: 'Message',
    type: 'string',
    jsonPath: condition('Ready', 'message'),
    description: 'The reason in a sentence',
    priority: 1,
  },
];

/** `crds/apps.yaml` */
export const appCrd = () =>
  crd({
    kind: 'App',
    plural: 'apps',
    shortName: 'afapp',
    description: 'An App is a program that Airfield keeps running: its image, its process groups, and what it serves.',
    schema: structuralSchema(appSchema),
    columns: [
      ...ready('Whether all wanted machines run'),
      { name: 'Machines', type: 'string', jsonPath: '.status.machines', description: 'Ready and wanted machines' },
      {
        name: 'Release',
        type: 'integer',
        jsonPath: '.status.release.version',
        description: 'Release that was made last',
      },
      { name: 'Phase', type: 'string', jsonPath: '.status.release.phase', description: 'How far that release is' },
      { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'Image of the App' },
      { name: 'URL', type: 'string', jsonPath: '.status.urls[0]', description: 'Where the App answers' },
      {
        name: 'Expires',
        // A date in the future is `<invalid>` in the column type for dates.
        type: 'string',
        jsonPath: '.status.expiresAt',
        description: 'When it is deleted',
        priority: 1,
      },
      ...ageAndMessage,
    ],
    // A path into a list is not allowed, so `kubectl scale` has a field of its own.
    scale: {
      specReplicasPath: '.spec.count',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  });

/** `crds/machines.yaml` */
export const machineCrd = () =>
  crd({
    kind: 'Machine',
    plural: 'machines',
    shortName: 'afm',
    description: 'A Machine is one program with a name and a life of its own, beside the machines of its App.',
    schema: structuralSchema(machineSchema),
    columns: [
      { name: 'State', type: 'string', jsonPath: '.status.state', description: 'What the machine is doing' },
      ...ready('Whether it is what its spec asks for'),
      { name: 'App', type: 'string', jsonPath: '.spec.app', description: 'App that it belongs to' },
      { name: 'Id', type: 'string', jsonPath: '.status.id', description: 'Id for its whole life' },
      { name: 'Exit', type: 'integer', jsonPath: '.status.exitCode', description: 'Exit code of its program' },
      { name: 'Node', type: 'string', jsonPath: '.status.node', description: 'Node that it is on', priority: 1 },
      { name: 'Image', type: 'string', jsonPath: '.status.image', description: 'Its image', priority: 1 },
      ...ageAndMessage,
    ],
  });

/** `crds/secrets.yaml` */
export const secretCrd = () =>
  crd({
    kind: 'Secret',
    plural: 'secrets',
    shortName: 'afsec',
    description: 'A Secret is a set of values for the environment of Apps, written so that it can be kept in Git.',
    schema: structuralSchema(secretSchema),
    columns: [
      ...ready('Whether all its values are there'),
      { name: 'Keys', type: 'integer', jsonPath: '.status.count', description: 'Number of values' },
      { name: 'Staged', type: 'boolean', jsonPath: '.spec.staged', description: 'Whether changes wait for a release' },
      { name: 'Apps', type: 'string', jsonPath: '.status.apps', description: 'Apps that get them' },
      ...ageAndMessage,
    ],
  });

/** `crds/schedules.yaml` */
export const scheduleCrd = () =>
  crd({
    kind: 'Schedule',
    plural: 'schedules',
    shortName: 'afsch',
    description: 'A Schedule runs a program of an App again and again, at given times.',
    schema: structuralSchema(scheduleSchema),
    columns: [
      ...ready('Whether runs begin when they should'),
      { name: 'App', type: 'string', jsonPath: '.spec.app', description: 'App whose program runs' },
      { name: 'Cron', type: 'string', jsonPath: '.status.cron', description: 'When it runs' },
      { name: 'Last', type: 'date', jsonPath: '.status.lastRun.startedAt', description: 'When a run began last' },
      { name: 'Result', type: 'string', jsonPath: '.status.lastRun.result', description: 'How that run went' },
      { name: 'Next', type: 'string', jsonPath: '.status.nextRun', description: 'When the next run begins' },
      ...ageAndMessage,
    ],
  });

/** All kinds, each whole. */
export const crds = (): object[] => [appCrd(), machineCrd(), secretCrd(), scheduleCrd()];
