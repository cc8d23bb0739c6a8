namespace PluginHost.Files.Tests;

public sealed class FileHistoryConformanceTests : HistoryProviderConformance
{
    protected override IHistoryProvider Create(PluginContext context) => new FileHistory(new FileHistoryOptions("files"), context);
}

public sealed class FileSessionsConformanceTests : SessionStoreConformance
{
    protected override ISessionStore Create(PluginContext context) => new FileSessions(new FileSessionsOptions("files"), context);
}

public sealed class FileJournalConformanceTests : RunJournalConformance
{
    protected override ISessionStore Create(PluginContext context) => new FileSessions(new FileSessionsOptions("files"), context);
}

public sealed class FileExplanationConformanceTests : RunExplanationConformance
{
    protected override ISessionStore Create(PluginContext context) => new FileSessions(new FileSessionsOptions("files"), context);
}
