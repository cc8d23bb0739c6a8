using System.ComponentModel.DataAnnotations;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>Creates the options of an entry and lets them check themselves, the same way for <c>check</c>, a start and a reload.</summary>
internal sealed class OptionsValidator(PluginCaller caller)
{
    /// <summary>Generous: such a check reads almost nothing.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Creates and checks options.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="type">The loaded record or class of its options.</param>
    /// <param name="values">The values that were read.</param>
    /// <param name="errors">Takes the errors.</param>
    /// <returns>The options; null, with errors, when they are wrong.</returns>
    public async ValueTask<object?> CreateAsync(
        PluginDescriptor plugin, PluginEntry entry, Type type, OptionValues values, ICollection<ConfigurationError> errors)
    {
        try
        {
            // The options are called like a plugin: on another thread, with a time limit.
            var limited = entry with { Host = entry.Host with { Timeout = entry.Host.Timeout < Limit ? entry.Host.Timeout : Limit } };
            var target = new PluginCall(new PluginInstance(limited, plugin.Version, type), HostOperation.OptionsValidate);
            var (options, results) = await caller.CallUnobservedAsync(
                target, (type, values), static (s, _) => new ValueTask<(object, List<ValidationResult>)>(CreateNow(s.type, s.values)), CancellationToken.None);
            foreach (var error in results.SelectMany(r => ErrorsFrom(r, values.Section))) errors.Add(PluginErrors.Option(plugin, error));
            return results.Count == 0 ? options : null;
        }
        catch (PluginException e)
        {
            errors.Add(PluginErrors.Failed(entry.Path, plugin.Name, plugin.File, "check of the options", e.TimedOut ? e : e.InnerException!));
            return null;
        }
    }

    // Not by the framework's validator, which keeps load contexts alive.
    private static (object Options, List<ValidationResult> Results) CreateNow(Type type, OptionValues values)
    {
        var options = OptionsFactory.Create(type, values);
        if (options is not IValidatableObject validatable) return (options, []);
        var results = validatable.Validate(new ValidationContext(options, type.Name, serviceProvider: null, items: null));
        return (options, [.. results.Where(r => r != ValidationResult.Success)]);
    }

    private static IEnumerable<ConfigurationError> ErrorsFrom(ValidationResult result, OptionsSection section)
    {
        var message = string.IsNullOrWhiteSpace(result.ErrorMessage) ? "The options are not valid." : result.ErrorMessage;
        var paths = result.MemberNames.Select(name => PathOf(name, section)).DefaultIfEmpty(section.Path);
        return paths.Select(path => new ConfigurationError(path, message, null));
    }

    private static string PathOf(string member, OptionsSection section)
    {
        var colon = member.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? section.PathOf(member) : section.PathOf(member[..colon]) + member[colon..];
    }
}
