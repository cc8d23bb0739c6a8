
namespace PluginHost.Engine.Configuration.Model;

/// <summary>What a history stores as the input of a run.</summary>
internal enum StoreInputAs
{
    /// <summary>The input as the innermost stage received it.</summary>
    Sent,

    /// <summary>The input as the history itself received it.</summary>
    Received,
}
