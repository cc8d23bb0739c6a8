namespace PluginHost.Sdk;

[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute(string name, Type type) : Attribute
{
    public string Name { get; } = name;

    public Type Type { get; } = type;
}

public abstract class PluginContext
{
    public abstract string Plugin { get; }
}

public interface IContextProvider
{
    ValueTask ForeseeAsync();
}
