using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

[assembly: Plugin<SqliteCarrierPlugin.SqliteCarrier, NoOptions>("sqlite-carrier")]

namespace SqliteCarrierPlugin;

/// <summary>A plugin that ships SQLite and opens a database.</summary>
public sealed class SqliteCarrier : IContextProvider
{
    public SqliteCarrier(NoOptions options, PluginContext context)
    {
        Options = options;
        Context = context;
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
    }

    public NoOptions Options { get; }

    public PluginContext Context { get; }

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);
}
