using PluginHost.AnthropicModels;
using PluginHost.Sdk;

[assembly: Plugin("anthropic", typeof(AnthropicFactory), Options = typeof(AnthropicOptions))]
