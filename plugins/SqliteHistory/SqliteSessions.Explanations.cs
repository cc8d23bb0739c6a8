using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <content>Explanations of runs.</content>
public sealed partial class SqliteSessions : IRunExplanations
{
    private const string FindExplanation =
        "SELECT e.document FROM sessions s CROSS JOIN explanations e ON e.run = $3 AND e.session = s.id WHERE s.tenant = $1 AND s.session = $2";

    private const string CountExplanations =
        "SELECT count(*) FROM sessions s CROSS JOIN explanations e ON e.session = s.id WHERE s.tenant = $1 AND s.session = $2";

    /// <inheritdoc/>
    public async ValueTask<bool> WriteExplanationAsync(ExplanationWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Document.Length > write.MaxTenantBytes) return false;
        var request = new ExplanationRequest(write, _options.SurvivesPowerLoss);
        await Database.Writer.WriteAsync(request, cancellationToken);
        return request.IsWritten;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return Database.Readers.ReadAsync(
            static (connection, q) =>
            {
                using var rows = connection.Query(FindExplanation, q.session.Tenant, q.session.Id, q.runId);
                return rows.Read() ? rows.GetSpan(0).ToArray() : (ReadOnlyMemory<byte>?)null;
            },
            (session, runId),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteExplanationsAsync(SessionKey session, CancellationToken cancellationToken)
    {
        var count = await Database.Readers.ReadAsync(
            static (connection, key) => connection.QueryNumber(CountExplanations, key.Tenant, key.Id), session, cancellationToken);
        // An erasure truncates the log, which every deletion of messages would pay for.
        if (count is null or 0) return 0;
        var request = new DeleteExplanationsRequest(session);
        await Database.EraseAsync(request, cancellationToken);
        return request.Deleted;
    }
}
