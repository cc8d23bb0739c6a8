namespace PluginHost.Sdk;

[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute<TPlugin, TOptions>(string name) : Attribute
{
    public string Name { get; } = name;
}

public sealed record NoOptions;

public abstract class PluginContext
{
    public abstract string Plugin { get; }
}

public interface IContextProvider
{
    ValueTask ForeseeAsync();
}
