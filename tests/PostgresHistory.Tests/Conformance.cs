using System.Security.Cryptography;
using System.Text;
using PluginHost.Postgres.Tests.Server;
using PluginHost.Sdk.Testing.Conformance.Explanations;
using PluginHost.Sdk.Testing.Conformance.History;
using PluginHost.Sdk.Testing.Conformance.Journal;
using PluginHost.Sdk.Testing.Conformance.Sessions;

namespace PluginHost.Postgres.Tests;

public sealed class PostgresHistoryConformance
{
    public static TheoryData<string, bool> Cases => ConformanceSchemas.AloneAndShared(HistoryChecks.Cases);

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name, bool isShared)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync(), isShared);
        await using var checks = new HistoryChecks(context => schemas.CreateHistory(context))
        {
            FindContent = schemas.FindContent,
            MustReturnPinned = true,
        };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresSessionsConformance
{
    public static TheoryData<string, bool> Cases => ConformanceSchemas.AloneAndShared(SessionStoreChecks.Cases);

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name, bool isShared)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync(), isShared);
        await using var checks = new SessionStoreChecks(context => schemas.CreateSessions(context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresJournalConformance
{
    public static TheoryData<string, bool> Cases => ConformanceSchemas.AloneAndShared(RunJournalChecks.Cases);

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name, bool isShared)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync(), isShared);
        await using var checks = new RunJournalChecks(context => schemas.CreateSessions(context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresExplanationConformance
{
    public static TheoryData<string, bool> Cases => ConformanceSchemas.AloneAndShared(RunExplanationChecks.Cases);

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name, bool isShared)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync(), isShared);
        await using var checks = new RunExplanationChecks(context => schemas.CreateSessions(context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

/// <summary>One schema for the folder of each case.</summary>
/// <param name="server">The server.</param>
/// <param name="isShared">Whether the plugins work for a host that has a lease: it claims sessions, keeps what it knows of them, and writes saves together.</param>
internal sealed class ConformanceSchemas(PostgresServer server, bool isShared)
{
    /// <summary>Each case without hosts and for a host with a lease.</summary>
    public static TheoryData<string, bool> AloneAndShared(IEnumerable<string> cases)
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in cases)
        {
            data.Add(name, false);
            data.Add(name, true);
        }

        return data;
    }

    public PostgresHistory CreateHistory(PluginContext context)
    {
        // The history shares the database, and with it the lease.
        if (isShared) CreateSessions(context);
        return new PostgresHistory(GetOptions(context.ResolvePath(".")), context);
    }

    public PostgresSessions CreateSessions(PluginContext context)
    {
        var sessions = new PostgresSessions(GetOptions(context.ResolvePath(".")), context);
        var host = new HostDescription { Id = "host", Name = "host", Version = "1", StartedAt = DateTimeOffset.UnixEpoch };
        if (isShared) sessions.RenewAsync(host, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return sessions;
    }

    private PostgresOptions GetOptions(string folder) => new(new Secret(server.ConnectionString + ";Maximum Pool Size=5"), NameOf(folder));

    public bool FindContent(string folder, string text) => server.Contains(NameOf(folder), text);

    private static string NameOf(string folder) => "c" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder).TrimEnd('/'))))[..20];
}
