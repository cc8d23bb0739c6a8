namespace PluginHost.Architecture.Tables;

/// <summary>src/Engine: a folder may use those below it.</summary>
internal static class EngineFolders
{
    public static FolderTable Table { get; } = new("Engine",
    [
        new("Hosting", "Registers the engine's services, and carries them through start, reload and stop."),
        new("Runs/Admission", "Takes a command in: checks it, finds a repeated one, and starts the run."),
        new("Runs/Execution", "The life of one run in order: its turn, its session, its chain, its completion."),
        new("Runs/Completion", "What follows the chain: observers, appends, state, and the one save."),
        new("Runs/Approvals", "Runs that wait for approvals: how they are parked, and what keeps other runs off their sessions."),
        new("Sessions/Retention", "Deletes idle sessions in the background."),
        new("Sessions/Admin", "Sessions outside of runs: list, create, change, delete, and their messages."),
        new("Sessions/Backup", "Backups of all stores, and their archives."),
        new("Sessions/Snapshots", "Export and import of a session."),
        new("Chains/Building", "Builds the chains of a configuration, completely, before they serve."),
        new("Chains/Stages", "One stage for each kind of plugin that a run passes, and the last one, which calls the model."),
        new("Chains/Model", "The model's client with what plugins and the engine put around it."),
        new("Chains/Tools", "The tools of plugins and of the caller, and the balance of calls and results."),
        new("Chains", "A chain, the set of all chains, and the context that one run carries through them."),
        new("Runs/Journal", "The steps of a run in progress, as they are written, and as a later process reads them."),
        new("Sessions/InMemory", "The session store and the history that need no plugin."),
        new("Sessions/Store", "Calls of the session store, the gate of each session, and what is stored."),
        new("Runs/Transcripts", "Recognises what a caller resends of the conversation so far."),
        new("Runs/Live", "Runs in progress: their events, their cancellation, and who waits for them."),
        new("Runs", "What all parts of runs log."),
        new("Sessions", "What all parts of sessions log."),
        new("Plugins/Activation", "Loads plugins and makes their instances, with context and shared resources."),
        new("Calls", "The choke point: every call of a plugin, with its timeout, its thread, and what is reported of it."),
        new("Plugins", "An instance of a plugin, as the engine holds it."),
        new("Observation", "What the engine reports of its work. The host makes spans and metrics of it."),
        new("Messages", "What messages need on the wire beside their types, and how their values are written."),
        new("Plugins/Catalog", "The plugins that are installed, read from metadata and checked, without running their code."),
        new("Plugins/Loading", "What is in a plugin's folder, and which assemblies plugins share with the host."),
        new("Configuration/Sources", "The file, the environment and the command line, as one tree."),
        new("Configuration/Binding", "Reads the tree strictly, and reports every error with its path."),
        new("Configuration/Access", "The files of keys: of API keys, and of the keys that sign tokens."),
        new("Configuration/Listening", "The addresses that the host serves on."),
        new("Configuration/Paths", "How the file system spells paths."),
        new("Configuration/Model", "The configuration that was read, immutable."),
        new("Errors", "Refusals and failures, without any transport in them."),
    ]);
}
