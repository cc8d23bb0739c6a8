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
    public static TheoryData<string> Cases => [.. HistoryChecks.Cases];

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync());
        await using var checks = new HistoryChecks(context => new PostgresHistory(schemas.GetOptions(context.ResolvePath(".")), context))
        {
            FindContent = schemas.FindContent,
            MustReturnPinned = true,
        };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresSessionsConformance
{
    public static TheoryData<string> Cases => [.. SessionStoreChecks.Cases];

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync());
        await using var checks = new SessionStoreChecks(context => new PostgresSessions(schemas.GetOptions(context.ResolvePath(".")), context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresJournalConformance
{
    public static TheoryData<string> Cases => [.. RunJournalChecks.Cases];

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync());
        await using var checks = new RunJournalChecks(context => new PostgresSessions(schemas.GetOptions(context.ResolvePath(".")), context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

public sealed class PostgresExplanationConformance
{
    public static TheoryData<string> Cases => [.. RunExplanationChecks.Cases];

    [PostgresTheory]
    [MemberData(nameof(Cases))]
    public async Task Passes(string name)
    {
        var schemas = new ConformanceSchemas(await SharedServer.GetAsync());
        await using var checks = new RunExplanationChecks(context => new PostgresSessions(schemas.GetOptions(context.ResolvePath(".")), context)) { FindContent = schemas.FindContent };
        await checks.RunAsync(name);
    }
}

/// <summary>One schema for the folder of each case.</summary>
internal sealed class ConformanceSchemas(PostgresServer server)
{
    public PostgresOptions GetOptions(string folder) => new(new Secret(server.ConnectionString + ";Maximum Pool Size=5"), NameOf(folder));

    public bool FindContent(string folder, string text) => server.Contains(NameOf(folder), text);

    private static string NameOf(string folder) => "c" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder).TrimEnd('/'))))[..20];
}
