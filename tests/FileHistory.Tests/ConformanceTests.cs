namespace PluginHost.Files.Tests;

public sealed class FileHistoryConformanceTests : HistoryProviderConformance
{
    protected override IHistoryProvider Create(int window, PluginContext context) => new FileHistory(new FileHistoryOptions("files", window), context);
}

public sealed class FileSessionsConformanceTests : SessionStoreConformance
{
    protected override ISessionStore Create(PluginContext context) => new FileSessions(new FileSessionsOptions("files"), context);
}
