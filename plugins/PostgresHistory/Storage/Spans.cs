using System.Diagnostics;
using Npgsql;

namespace PluginHost.Postgres;

/// <summary>One span for each round trip to the database, below the call of the plugin, with the names of OpenTelemetry's conventions.</summary>
internal sealed class Spans(ActivitySource source, string database, string server)
{
    /// <param name="operation">What the round trip is for, for example <c>save</c>.</param>
    /// <param name="statements">The number of its statements.</param>
    /// <returns>Null when there is no listener, and for what belongs to no call: the host renews its lease about once a second.</returns>
    public Activity? Start(string operation, int statements)
    {
        if (Activity.Current is null or { IsStopped: true }) return null;
        // Names and attributes without content: the statements' values never leave the plugin.
        if (source.StartActivity($"postgresql {operation}", ActivityKind.Client) is not { } span) return null;
        span.SetTag("db.system.name", "postgresql").SetTag("db.namespace", database).SetTag("db.operation.name", operation).SetTag("server.address", server);
        if (statements > 1) span.SetTag("db.operation.batch.size", statements);
        return span;
    }

    public static void Fail(Activity? span, Exception exception)
    {
        var type = exception is PostgresException { SqlState: var state } ? state : exception.GetType().Name;
        span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);
    }
}
