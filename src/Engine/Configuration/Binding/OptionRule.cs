namespace PluginHost.Engine.Configuration.Binding;

/// <summary>A rule for an option's values, from a validation attribute.</summary>
/// <param name="Description">What is allowed, for people, for example <c>1 to 100</c>.</param>
/// <param name="IsMet">Whether a value, not null, keeps the rule.</param>
internal sealed record OptionRule(string Description, Func<object, bool> IsMet);
