using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.ModelClients;

/// <summary>Creates the built-in chat clients from the configuration. Binds their options as strictly as those of plugins.</summary>
internal sealed class ChatClients(BuiltInChatClients clients) : IChatClients
{
    /// <summary>The options of each client.</summary>
    public static IReadOnlyDictionary<string, OptionType> OptionTypes { get; } = BuiltInChatClients.OptionTypes.ToDictionary(
        t => t.Key, t => OptionsModel.Read(t.Value, new XmlDocumentation(t.Value.Assembly.Location), (_, defect) => throw new InvalidOperationException(defect)));

    /// <summary>Checks the options of an agent's model like a start of the host. Does not connect.</summary>
    public static IEnumerable<ConfigurationError> Validate(ModelConfiguration model)
    {
        var errors = new List<ConfigurationError>();
        if (!OptionTypes.ContainsKey(model.Client)) return errors;
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        new ChatClients(clients).Create(model, errors)?.Dispose();
        return errors;
    }

    public IChatClient? Create(ModelConfiguration model, ICollection<ConfigurationError> errors)
    {
        var found = new List<ConfigurationError>();
        var values = new OptionsReader(found, OptionSources.None).ReadWhole(OptionTypes[model.Client], model.Options);
        foreach (var error in found) errors.Add(FindOtherClient(model, error) ?? error);
        if (values is null) return null;
        try
        {
            return clients.Create(model.Model, OptionsFactory.Create(BuiltInChatClients.OptionTypes[model.Client], values));
        }
        catch (ModelOptionsException e)
        {
            foreach (var (option, message) in e.Errors) errors.Add(new($"{model.Options.Path}:{option}", message));
            return null;
        }
    }

    public OptionType? FindOptions(string client) => OptionTypes.GetValueOrDefault(client);

    /// <summary>The error of an option that another client has; null for other errors.</summary>
    private static ConfigurationError? FindOtherClient(ModelConfiguration model, ConfigurationError error)
    {
        var name = error.Path[(error.Path.LastIndexOf(':') + 1)..];
        return error.Path == model.Options.PathOf(name) && !Has(model.Client, name) && OptionTypes.Keys.FirstOrDefault(c => Has(c, name)) is { } other
            ? new(error.Path, $"'{name}' is an option of the chat client '{other}', and the client of this agent is '{model.Client}'.", $"Set Client to {other} beside it, or remove the option.")
            : null;
    }

    private static bool Has(string client, string option) =>
        OptionTypes[client].Members.Any(m => m.Name.Equals(option, StringComparison.OrdinalIgnoreCase));
}
