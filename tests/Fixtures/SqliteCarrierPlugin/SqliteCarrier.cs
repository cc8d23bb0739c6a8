using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

[assembly: Plugin("sqlite-carrier", typeof(SqliteCarrierPlugin.SqliteCarrier))]

namespace SqliteCarrierPlugin;

/// <summary>A plugin that ships SQLite and opens a database.</summary>
public sealed class SqliteCarrier : IContextProvider
{
    public SqliteCarrier(PluginContext context)
    {
        Context = context;
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
    }

    public PluginContext Context { get; }

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);
}
