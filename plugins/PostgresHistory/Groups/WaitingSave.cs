using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>A save that may be written with others, with all that its rows need.</summary>
internal sealed class WaitingSave
{
    /// <summary>A group has not many more bytes of documents. A larger save is written alone.</summary>
    public const long MaxBytes = 1 << 20;

    private const int Waiting = 0, Started = 1, Cancelled = 2;

    private readonly TaskCompletionSource<SaveOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    private WaitingSave(PreparedSave prepared, long fence)
    {
        var save = prepared.Save;
        (Save, Run, Fence) = (save, save.Run!, fence);
        (Tenant, Session) = (StoredText.ToBytes(Key.Tenant), StoredText.ToBytes(Key.Id));
        // A new session has nothing that may stay.
        (Document, Details) = (SessionRow.ToDocument(save.Session), SaveStatements.Details(save.Session, save.ExpectedVersion, IsNew ? null : save.Previous));
        (RunId, RunDocument) = (StoredText.ToBytes(Run.Id), Run.ToDocument().ToBytes());
        IdempotencyKey = Run.IdempotencyKey is { } text ? StoredText.ToBytes(text) : null;
        Appends = [.. prepared.Appends.Where(static a => a.Append.Messages.Length > 0)];
        Bytes = Document.Length + (Details?.Length ?? 0) + RunDocument.Length + Appends.Sum(static a => a.Append.Documents.Sum(static d => (long)d.Length));
    }

    public SessionSave Save { get; }

    public SessionKey Key => Save.Session.Key;

    /// <summary>Whether it creates the session.</summary>
    public bool IsNew => Save.ExpectedVersion == 0;

    public RunRecord Run { get; }

    public long Fence { get; }

    public byte[] Tenant { get; }

    public byte[] Session { get; }

    public byte[] Document { get; }

    public byte[]? Details { get; }

    public byte[] RunId { get; }

    public byte[] RunDocument { get; }

    public byte[]? IdempotencyKey { get; }

    public (string Source, PreparedAppend Append)[] Appends { get; }

    /// <summary>The bytes of its documents.</summary>
    public long Bytes { get; }

    public Task<SaveOutcome> Outcome => _outcome.Task;

    /// <returns>Null when the save has to be written alone: its statements are rare.</returns>
    public static WaitingSave? From(PreparedSave prepared, long? fence)
    {
        if (fence is not { } own || prepared.Save is not { Run: not null, RemovedRun: null }) return null;
        var sources = new HashSet<string>(StringComparer.Ordinal);
        var key = prepared.Save.Session.Key;
        if (!prepared.Appends.All(a => a.Append is { Append: { RunId: not null, Attempt: 1 }, HasPinned: false } && a.Append.Append.Session == key && sources.Add(a.Source))) return null;
        var save = new WaitingSave(prepared, own);
        return save.Bytes < MaxBytes ? save : null;
    }

    /// <returns>False when it was cancelled.</returns>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

    /// <summary>Cancels it, unless it was started.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting) _outcome.TrySetCanceled(cancellationToken);
    }

    public void Fail(Exception exception) => _outcome.TrySetException(exception);

    public void End(SaveOutcome outcome) => _outcome.TrySetResult(outcome);
}
