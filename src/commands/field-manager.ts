/** Who changes Apps by the command line, as the API server knows them (`metadata.managedFields`). */
export const cliManager = 'airfield-cli';
