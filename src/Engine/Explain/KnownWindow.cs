namespace PluginHost.Engine.Explain;

/// <summary>What the host knew of what a model takes, at one time.</summary>
/// <param name="Model">The model's name; null when it is not known.</param>
/// <param name="Learned">What its server takes by its own refusals; null when it has not said.</param>
/// <param name="OfEstimates">What an estimate was multiplied with.</param>
/// <param name="OfCounts">What a count was multiplied with.</param>
internal sealed record KnownWindow(string? Model, long? Learned, LearnedFactor OfEstimates, LearnedFactor OfCounts);

/// <summary>How many of a server's tokens one of the host's is, as its reports taught.</summary>
/// <param name="Value">The factor.</param>
/// <param name="Lower">How many reports in a row needed clearly less.</param>
internal readonly record struct LearnedFactor(double Value, int Lower = 0);
