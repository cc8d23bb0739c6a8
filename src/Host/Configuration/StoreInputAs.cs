namespace PluginHost.Configuration;

/// <summary>What a history stores as the input of a run.</summary>
public enum StoreInputAs
{
    /// <summary>The input as the innermost stage received it.</summary>
    Sent,

    /// <summary>The input as the history itself received it.</summary>
    Received,
}
