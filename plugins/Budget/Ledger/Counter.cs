namespace PluginHost.Budget.Ledger;

/// <summary>What a budget's owner has used. Guarded by the lock of the ledger.</summary>
internal sealed class Counter(long stored)
{
    private long _stored = stored;
    private long _unsaved;
    private int _writes;

    /// <summary>What calls in progress may still use.</summary>
    public long Reserved { get; private set; }

    public long Used => _stored + _unsaved;

    /// <summary>Whether the database has all that there is to know.</summary>
    public bool IsIdle => Reserved == 0 && _writes == 0;

    public void Reserve(long amount) => Reserved += amount;

    public void Release(long amount) => Reserved -= amount;

    public void Charge(long amount)
    {
        _unsaved += amount;
        _writes++;
    }

    /// <param name="amount">The amount that was saved.</param>
    /// <param name="total">The total in the database, which another build of the plugin may have raised, too.</param>
    public void Saved(long amount, long total)
    {
        _stored = total;
        _unsaved -= amount;
        _writes--;
    }
}
