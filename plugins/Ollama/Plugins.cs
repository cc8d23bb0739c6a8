using PluginHost.Ollama;
using PluginHost.Sdk;

[assembly: Plugin("ollama", typeof(OllamaFactory), Options = typeof(OllamaOptions))]
