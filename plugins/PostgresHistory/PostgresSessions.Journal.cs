using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <content>The journal of runs in progress.</content>
public sealed partial class PostgresSessions : IRunJournal
{
    /// <inheritdoc/>
    public async ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNegative(write.FirstStep, "write.FirstStep");
        try
        {
            var statements = JournalStatements.From(write);
            if (write.NewSession is null) await Database.WriteBesideAsync("write journal", write.Session, statements, cancellationToken);
            else await Database.WriteAsync("write journal", write.Session, statements, cancellationToken);
        }
        catch (RefusedException e) when (e.Reason == SaveStatements.Conflict)
        {
            await ThrowUnlessStoredAsync(write.NewSession!, 0, e);
        }
        catch (RefusedException e)
        {
            throw new PostgresStoreException(Describe(e.Reason, write), e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return OpenRunReader.ReadStepsAsync(Database, session, runId, first, limit, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        return OpenRunReader.ReadAsync(Database, query, cancellationToken);
    }

    private static string Describe(string reason, JournalWrite write) => reason switch
    {
        SessionRow.NoSession => $"The session '{write.Session.Id}' of the run '{write.RunId}' does not exist.",
        JournalStatements.NotOpen => $"The journal has no open run '{write.RunId}'. Its first write needs its record.",
        _ => $"The journal of run '{write.RunId}' has no step {write.FirstStep - 1}.",
    };
}
