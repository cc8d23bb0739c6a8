namespace PluginHost.Engine.Explain;

/// <summary>What the host knew of what a model takes, at one time.</summary>
/// <param name="Model">The model's name; null when it is not known.</param>
/// <param name="Learned">What its server takes by its own refusals; null when it has not said.</param>
/// <param name="EstimateFactor">What an estimate was multiplied with.</param>
/// <param name="CountFactor">What a count was multiplied with.</param>
internal sealed record KnownWindow(string? Model, long? Learned, double EstimateFactor, double CountFactor);
