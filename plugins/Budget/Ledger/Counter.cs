namespace PluginHost.Budget.Ledger;

/// <summary>What a budget's owner has used. Guarded by the lock of the ledger.</summary>
internal sealed class Counter(long stored)
{
    private long _stored = stored;
    private long _unsaved;
    private int _writes;
    private int _calls;
    private volatile bool _isDeleted;

    /// <summary>Whether its session or user was deleted: later charges must not be saved. May be read without the lock.</summary>
    public bool IsDeleted
    {
        get => _isDeleted;
        set => _isDeleted = value;
    }

    /// <summary>What calls in progress may still use.</summary>
    public long Reserved { get; private set; }

    public long Used => _stored + _unsaved;

    /// <summary>Whether no call uses it and the database has its total.</summary>
    public bool IsIdle => _calls == 0 && _writes == 0;

    public void Reserve(long amount)
    {
        Reserved += amount;
        _calls++;
    }

    public void Release(long amount)
    {
        Reserved -= amount;
        _calls--;
    }

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
