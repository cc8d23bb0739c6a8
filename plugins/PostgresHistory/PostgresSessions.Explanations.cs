using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <content>Explanations of runs. Any host may write and delete them: they are tied to their run, which a deletion removes.</content>
public sealed partial class PostgresSessions : IRunExplanations
{
    /// <inheritdoc/>
    public async ValueTask<bool> WriteExplanationAsync(ExplanationWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (write.Document.Length > write.MaxTenantBytes) return false;
        return await Database.WriteAsync("write explanation", ExplanationStatements.Write(write), cancellationToken) > 0;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> ReadExplanationAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return Database.ReadAsync(
            "read explanation",
            ExplanationStatements.Read(session, runId),
            static async (NpgsqlDataReader rows, CancellationToken token) => await rows.ReadAsync(token) ? rows.GetFieldValue<byte[]>(0) : (ReadOnlyMemory<byte>?)null,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteExplanationsAsync(SessionKey session, CancellationToken cancellationToken) =>
        await Database.WriteAsync("delete explanations", ExplanationStatements.Delete(session), cancellationToken);
}
