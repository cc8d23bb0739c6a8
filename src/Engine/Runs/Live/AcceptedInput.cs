namespace PluginHost.Engine.Runs.Live;

/// <summary>Input that a run has, and whether it is durable. Thread-safe.</summary>
/// <param name="input">The input.</param>
/// <param name="keep">Makes it durable; null when it is already, or nothing of the run is kept while it is in progress.</param>
internal sealed class AcceptedInput(RunInput input, Func<RunInput, ValueTask<bool>>? keep)
{
    private readonly Lock _lock = new();
    private readonly RunInput _input = input with { Messages = [] };
    private Func<ValueTask<bool>>? _keep = keep is null ? null : () => keep(input);
    private Task<bool>? _kept;

    public string? Key => _input.IdempotencyKey;

    public string? RequestHash => _input.RequestHash;

    public object? Identity => _input.Identity;

    /// <summary>Makes the input durable, once: another request for the same waits for the first one, and tries again when that failed.</summary>
    /// <returns>False when the journal takes no more: then the run is being saved, with the input.</returns>
    public async ValueTask<bool> KeepAsync()
    {
        Task<bool> keeping;
        lock (_lock)
        {
            if (_keep is null) return true;
            if (_kept is null or { IsCompleted: true, IsCompletedSuccessfully: false }) _kept = _keep().AsTask();
            keeping = _kept;
        }

        if (!await keeping) return false;
        lock (_lock) _keep = null;
        return true;
    }
}
