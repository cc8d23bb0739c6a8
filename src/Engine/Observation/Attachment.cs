namespace PluginHost.Engine.Observation;

/// <summary>How a request came to a run that another one began.</summary>
internal enum Attachment
{
    /// <summary>It asks for the same again, under the same idempotency key.</summary>
    Replayed,

    /// <summary>It asks for the run's events by its id.</summary>
    Reattached,

    /// <summary>Its input was given to the run, which answers it.</summary>
    Steered,
}
