using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Writes the explanation of a run.</summary>
internal sealed class ExplanationRequest(ExplanationWrite write, bool survivesPowerLoss) : WriteRequest(survivesPowerLoss)
{
    /// <summary>Whether the session has the run.</summary>
    public bool IsWritten { get; private set; }

    public override void Write(PreparedConnection connection, AppendPositions positions) => IsWritten = Explanations.Put(connection, write);
}

/// <summary>Removes the explanations of a session.</summary>
internal sealed class DeleteExplanationsRequest(SessionKey key) : WriteRequest(survivesPowerLoss: true)
{
    private const string FindSession = "SELECT id FROM sessions WHERE tenant = $1 AND session = $2";

    public override bool ErasesContent => true;

    /// <summary>How many were removed.</summary>
    public int Deleted { get; private set; }

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        Deleted = 0;
        if (connection.QueryNumber(FindSession, key.Tenant, key.Id) is { } session) Deleted = Explanations.RemoveAll(connection, session);
    }
}
