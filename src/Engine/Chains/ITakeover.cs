namespace PluginHost.Engine.Chains;

/// <summary>What a set of chains took over from those before it.</summary>
internal interface ITakeover
{
    /// <summary>Whether instances of sets before it are answered by instances of this one.</summary>
    bool IsUsed { get; }

    /// <summary>Gives it back. Never throws.</summary>
    ValueTask RevertAsync();
}
