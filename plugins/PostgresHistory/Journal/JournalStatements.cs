using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The statements of a write to the journal.</summary>
internal static class JournalStatements
{
    /// <summary>The run is not open, and the write has no record.</summary>
    public const string NotOpen = "not open";

    /// <summary>The step before the first one is missing.</summary>
    public const string Gap = "gap";

    private const string RequireOpen =
        $"SELECT ~.refuse('not open') WHERE NOT EXISTS (SELECT 1 FROM ~.runs WHERE run = $3 AND session = {SessionRow.Id} AND open)";

    private const string RequireStep =
        $"SELECT ~.refuse('gap') WHERE NOT EXISTS (SELECT 1 FROM ~.steps WHERE run = $3 AND session = {SessionRow.Id} AND position = $4)";

    private const string RemoveSteps = $"DELETE FROM ~.steps WHERE run = $3 AND session = {SessionRow.Id} AND position >= $4";

    private const string AddSteps =
        $"""
        INSERT INTO ~.steps (run, session, position, document)
        SELECT $3, {SessionRow.Id}, $4 + step.number - 1, step.document FROM unnest($5) WITH ORDINALITY AS step(document, number)
        """;

    public static List<Statement> From(JournalWrite write)
    {
        var key = SessionRow.Key(write.Session);
        object[] run = [.. key, StoredText.ToBytes(write.RunId)];
        var statements = new List<Statement>
        {
            write.NewSession is { } session ? SaveStatements.Session(session, 0, null, newRuns: 0) : new Statement(SessionRow.Require, [.. key]),
        };
        if (write.Run is { } record) RunStatements.AddOpen(statements, key, record);
        else statements.Add(new Statement(RequireOpen, run));
        if (write.Steps.Count == 0) return statements;
        if (write.FirstStep > 0) statements.Add(new Statement(RequireStep, [.. run, write.FirstStep - 1]));
        statements.Add(new Statement(RemoveSteps, [.. run, write.FirstStep]));
        statements.Add(new Statement(AddSteps, [.. run, write.FirstStep, write.Steps.Select(static s => s.ToBytes()).ToArray()]));
        return statements;
    }
}
